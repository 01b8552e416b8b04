"""The gallery of rules: a page for each rule that the library has, made from what is there anyway.

The equations are the header comment of the rule's file, all numbers come from its descriptor, and
the pictures are drawn by the library, with the very code that the page shows. ``./dev docs`` runs
this as ``python -m gallery FOLDER``, and Doxygen takes the pages from the folder.
"""
