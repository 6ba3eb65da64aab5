# rbx: 0x10000000, the writable segment: saved terminal, raw terminal, letters; from +0x100 the header and what follows.
    .globl _start
_start:
    mov (%rsp), %r15            # argc: 2 on a terminal
    mov $0x10000000, %ebx
    cmp $2, %r15
    jne 1f
    mov $16, %eax               # ioctl(0, TCGETS, saved)
    xor %edi, %edi
    mov $0x5401, %esi
    mov %rbx, %rdx
    syscall
    mov (%rbx), %rax            # raw = saved, but no input flags, no local flags, one byte at a time
    mov %rax, 64(%rbx)
    mov 8(%rbx), %rax
    mov %rax, 72(%rbx)
    mov 16(%rbx), %rax
    mov %rax, 80(%rbx)
    mov 24(%rbx), %rax
    mov %rax, 88(%rbx)
    mov 32(%rbx), %eax
    mov %eax, 96(%rbx)
    movl $0, 64(%rbx)
    movl $0, 76(%rbx)
    movw $0x0100, 86(%rbx)
    mov $16, %eax               # ioctl(0, TCSETS, raw)
    mov $0x5402, %esi
    lea 64(%rbx), %rdx
    syscall
1:  mov $39, %eax               # getpid, as eight letters a to p, to standard output
    syscall
    lea 135(%rbx), %rdi
    mov $8, %ecx
2:  mov %eax, %edx
    and $15, %edx
    add $97, %edx
    mov %dl, (%rdi)
    dec %rdi
    shr $4, %eax
    dec %ecx
    jnz 2b
    mov $1, %eax
    mov $1, %edi
    lea 128(%rbx), %rsi
    mov $8, %edx
    syscall
    lea 0x100(%rbx), %rsi       # the header: rest, arguments, environment, candidates, folder
    mov $40, %edx
    call read
    mov 0x100(%rbx), %rdx
    call read
    cmp $2, %r15
    jne 3f
    mov $16, %eax               # ioctl(0, TCSETS, saved)
    xor %edi, %edi
    mov $0x5402, %esi
    mov %rbx, %rdx
    syscall
3:  mov $63, %r12d              # what it dies of: 64 when all candidates are missing, else 63
    mov $80, %eax               # chdir
    mov 0x120(%rbx), %rdi
    syscall
    test %rax, %rax
    js fail
    mov $64, %r12d
    mov 0x118(%rbx), %r13
4:  mov (%r13), %rdi
    test %rdi, %rdi
    jz fail
    mov $59, %eax               # execve
    mov 0x108(%rbx), %rsi
    mov 0x110(%rbx), %rdx
    syscall
    add $8, %r13
    cmp $-2, %rax
    je 4b
    cmp $-20, %rax
    je 4b
    mov $63, %r12d
    jmp 4b
fail:
    mov $39, %eax
    syscall
    mov %eax, %edi
    mov %r12d, %esi
    mov $62, %eax               # kill
    syscall
    mov $60, %eax
    mov $127, %edi
    syscall
read:                           # exactly rdx bytes to rsi, which moves on
    test %rdx, %rdx
    jz 6f
5:  xor %eax, %eax
    xor %edi, %edi
    syscall
    cmp $-4, %rax
    je 5b
    test %rax, %rax
    jle fail
    add %rax, %rsi
    sub %rax, %rdx
    jnz 5b
6:  ret
