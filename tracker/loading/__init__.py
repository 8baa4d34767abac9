"""Opens model files that may come from a stranger: all that is read is checked first, and nothing in them is run.

An architecture is never taken from a file but built by our own code; of Keras weights only arrays are read
(`hdf5`, `arrays`). A LiteRT file, which is a graph of arithmetic, is looked through before the interpreter, which
trusts what it is given, gets to see it (`flatbuffer`, `litert`). What can hold programs is refused by what it is, not
by its name (`formats`). What ships is compared with its hashes (`shipped`).
"""
