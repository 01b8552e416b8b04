/* A shared object that is no library of rules. */
int quell_test_no_entry(void);

int quell_test_no_entry(void) {
  return 1;
}
