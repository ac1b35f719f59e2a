/* Stands for the library of a database: only its name counts. */
int bad_load_database(void);
int bad_load_database(void) { return 0; }
