package com.intellij.psi;

public interface PsiFile extends PsiFileSystemItem {
    com.intellij.openapi.vfs.VirtualFile getVirtualFile();
}
