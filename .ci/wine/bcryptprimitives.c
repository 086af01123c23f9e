/* The one function that Rust's std takes from bcryptprimitives.dll, which Wine has from version 8.12 on.
 * Built without a C runtime: x86_64-w64-mingw32-gcc -shared -nostdlib -Wl,-e,start … -ladvapi32 */
typedef unsigned long long size;
__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *to, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *to, size length) {
    while (length > 0) {
        unsigned long part = length < 0x10000 ? (unsigned long)length : 0x10000;
        if (!SystemFunction036(to, part))
            return 0;
        to += part;
        length -= part;
    }
    return 1;
}

int __stdcall start(void *module, unsigned long reason, void *reserved) {
    (void)module, (void)reason, (void)reserved;
    return 1;
}
