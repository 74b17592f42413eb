"""One FHIR type after the other, into drafts of rows: pure, told the day, reporting what it could not use."""
