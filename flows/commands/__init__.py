"""The ``dondoc`` command, a module for each group of habits."""
