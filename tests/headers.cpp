// Nothing of its own: with this file the precompiled header of the tests is made.
