package com.intellij.psi;

public interface PsiFile extends PsiElement {
    com.intellij.openapi.vfs.VirtualFile getVirtualFile();
}
