from hypothesis import settings

settings.register_profile("patient", deadline=None)  # a loaded machine is no failure
settings.load_profile("patient")
