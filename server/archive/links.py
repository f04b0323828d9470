"""Where symbolic links lead when links lie on their way: the rule of single targets can be got round by two of them."""

from collections.abc import Mapping

MAX_HOPS = 40  # as Linux counts; a circle leads nowhere, so it leads nowhere outside


def leads_out(path: str, targets: Mapping[str, str]) -> bool:
    """Whether following the link at `path` passes a place outside of the root, by way of the links in `targets`."""
    place = path.split("/")[:-1]
    ahead = targets[path].split("/")[::-1]
    hops = 0
    while ahead:
        part = ahead.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if not place:
                return True
            place.pop()
            continue
        place.append(part)
        onward = targets.get("/".join(place))
        if onward is not None:
            hops += 1
            if hops > MAX_HOPS:
                return False
            place.pop()
            ahead += onward.split("/")[::-1]
    return False
