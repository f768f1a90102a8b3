"""The main job: the theorems' checks, planted families, and real trained CNN layers."""

VERIFICATION_FILES = ("similarity.png", "report.html", "report.json")
"""The files of a verification in its folder."""
