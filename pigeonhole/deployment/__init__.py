"""The command line, `up` and its supervisor, the doctor, the data folder and logs."""
