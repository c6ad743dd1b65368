"""What runs in a browser, on the pages and in exported files: models, and the components that draw
them. A component is a folder here, with its JavaScript and its style sheet; they share `network/`,
which runs a model, and `controls/`."""
