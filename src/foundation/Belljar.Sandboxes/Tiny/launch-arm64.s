    .globl _start
_start:
    ldr x20, [sp]               // argc: 2 on a terminal
    mov x19, #0x10000000
    cmp x20, #2
    b.ne 1f
    mov x8, #29                 // ioctl(0, TCGETS, saved)
    mov x0, #0
    mov x1, #0x5401
    mov x2, x19
    svc #0
    ldp x0, x1, [x19]           // raw = saved, but no input flags, no local flags, one byte at a time
    stp x0, x1, [x19, #64]
    ldp x0, x1, [x19, #16]
    stp x0, x1, [x19, #80]
    ldr w0, [x19, #32]
    str w0, [x19, #96]
    str wzr, [x19, #64]
    str wzr, [x19, #76]
    mov w0, #0x0100
    strh w0, [x19, #86]
    mov x8, #29                 // ioctl(0, TCSETS, raw)
    mov x0, #0
    mov x1, #0x5402
    add x2, x19, #64
    svc #0
1:  mov x8, #172                // getpid, as eight letters a to p, to standard output
    svc #0
    add x1, x19, #135
    mov x2, #8
2:  and w3, w0, #15
    add w3, w3, #97
    strb w3, [x1], #-1
    lsr w0, w0, #4
    subs x2, x2, #1
    b.ne 2b
    mov x8, #64
    mov x0, #1
    add x1, x19, #128
    mov x2, #8
    svc #0
    add x21, x19, #0x100        // the header: rest, arguments, environment, candidates, folder
    mov x22, #40
    bl read
    ldr x22, [x19, #0x100]
    bl read
    cmp x20, #2
    b.ne 3f
    mov x8, #29                 // ioctl(0, TCSETS, saved)
    mov x0, #0
    mov x1, #0x5402
    mov x2, x19
    svc #0
3:  mov x23, #63                // what it dies of: 64 when all candidates are missing, else 63
    mov x8, #49                 // chdir
    ldr x0, [x19, #0x120]
    svc #0
    tbnz x0, #63, fail
    mov x23, #64
    ldr x24, [x19, #0x118]
4:  ldr x0, [x24], #8
    cbz x0, fail
    mov x8, #221                // execve
    ldr x1, [x19, #0x108]
    ldr x2, [x19, #0x110]
    svc #0
    cmn x0, #2
    b.eq 4b
    cmn x0, #20
    b.eq 4b
    mov x23, #63
    b 4b
fail:
    mov x8, #172
    svc #0
    mov x1, x23
    mov x8, #129                // kill
    svc #0
    mov x8, #93
    mov x0, #127
    svc #0
read:                           // exactly x22 bytes to x21, which moves on
    cbz x22, 6f
5:  mov x8, #63
    mov x0, #0
    mov x1, x21
    mov x2, x22
    svc #0
    cmn x0, #4
    b.eq 5b
    cmp x0, #0
    b.le fail
    add x21, x21, x0
    subs x22, x22, x0
    b.ne 5b
6:  ret
