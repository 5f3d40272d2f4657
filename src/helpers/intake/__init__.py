"""Data from outside: questionnaires, regions and borders, written as data packages."""
