"""The season report as one HTML page: pictures in SVG, a template, nothing from elsewhere. Decides nothing."""
