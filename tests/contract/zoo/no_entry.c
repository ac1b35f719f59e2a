/* A shared library that is no plugin. */
int hearback_zoo_no_entry(void);
int hearback_zoo_no_entry(void) {
    return 1;
}
