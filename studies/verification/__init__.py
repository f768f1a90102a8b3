"""The main job: the theorems' checks, planted families, and real trained CNN layers."""
