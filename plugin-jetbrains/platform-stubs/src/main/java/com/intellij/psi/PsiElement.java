package com.intellij.psi;

public interface PsiElement {
    com.intellij.openapi.project.Project getProject();
}
