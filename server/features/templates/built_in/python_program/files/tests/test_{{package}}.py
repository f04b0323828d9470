import unittest

from {{package}} import greeting


class Greeting(unittest.TestCase):
    def test_names_who_is_greeted(self) -> None:
        self.assertEqual(greeting("Ada"), "Hello, Ada!")
