package com.intellij.codeInsight.intention;

public interface IntentionAction extends CommonIntentionAction, FileModifier, com.intellij.openapi.project.PossiblyDumbAware {
    String getText();

    boolean isAvailable(com.intellij.openapi.project.Project project, com.intellij.openapi.editor.Editor editor, com.intellij.psi.PsiFile file);

    void invoke(com.intellij.openapi.project.Project project, com.intellij.openapi.editor.Editor editor, com.intellij.psi.PsiFile file);

    @Override boolean startInWriteAction();
}
