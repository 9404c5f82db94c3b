package com.intellij.psi;

public interface NavigatablePsiElement extends PsiElement {}
