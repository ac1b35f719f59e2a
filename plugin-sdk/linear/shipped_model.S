/* A model file as read-only data of a plugin: HEARBACK_MODEL is its path. */
    .section .rodata.hearback_model, "a", @progbits
    .balign 16
    .globl hearback_shipped_model
    .hidden hearback_shipped_model
    .type hearback_shipped_model, @object
hearback_shipped_model:
    .incbin HEARBACK_MODEL
    .globl hearback_shipped_model_end
    .hidden hearback_shipped_model_end
    .type hearback_shipped_model_end, @object
hearback_shipped_model_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
