__attribute__((visibility("default"))) int plain_answer(void);

int plain_answer(void)
{
    return 42;
}
