// Linked only when the user's target defines none of its own: an archive member is taken for a symbol that is missing.
extern "C" {
extern const char cleave_embedded_settings[];
const char cleave_embedded_settings[] = "cleave-settings 1\n";
}
