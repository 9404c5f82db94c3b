package com.intellij.openapi.command;

import dev.drawbridge.stubs.Stub;

public abstract class WriteCommandAction {
    private WriteCommandAction() {}

    public static void runWriteCommandAction(com.intellij.openapi.project.Project project, String name, String group, Runnable work, com.intellij.psi.PsiFile... files) { throw Stub.only(); }
}
