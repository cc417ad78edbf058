"""`airflow_settings.yaml`: the connections, pools and variables of every deployment, in the Astro CLI's format."""

from pipeline.deployment.settings.apply import Outcome, apply_settings
from pipeline.deployment.settings.read import SETTINGS_FILE, SettingsError, read_settings
from pipeline.deployment.settings.schema import PoolSetting, Settings

__all__ = ["SETTINGS_FILE", "Outcome", "PoolSetting", "Settings", "SettingsError", "apply_settings", "read_settings"]
