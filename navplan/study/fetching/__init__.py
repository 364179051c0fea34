"""What a study file asks the services for → the files it names, in the study's folder."""
