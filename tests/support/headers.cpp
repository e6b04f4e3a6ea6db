// What a library needs that only has precompiled headers.
