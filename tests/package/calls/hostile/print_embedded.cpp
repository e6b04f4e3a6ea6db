#include <cstdio>

extern "C" const char cleave_embedded_settings[];

int main() { return std::fputs(cleave_embedded_settings, stdout) < 0; }
