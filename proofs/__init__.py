"""The claims of the theory, one file each, in folders by section."""
