// What a plugin needs, and what nobody installed.
void hearback_nowhere(void);
void hearback_nowhere(void) {}
