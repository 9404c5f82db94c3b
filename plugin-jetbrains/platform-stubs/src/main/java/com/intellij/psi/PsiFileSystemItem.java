package com.intellij.psi;

public interface PsiFileSystemItem extends NavigatablePsiElement {}
