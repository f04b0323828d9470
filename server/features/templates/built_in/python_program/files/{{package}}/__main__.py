import argparse

from {{package}} import greeting


def main() -> None:
    parser = argparse.ArgumentParser(prog="{{package}}", description="Greet somebody.")
    parser.add_argument("name", nargs="?", default="world")
    print(greeting(parser.parse_args().name))


if __name__ == "__main__":
    main()
