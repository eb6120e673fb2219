"""Where documents come from, whatever form they are in."""
