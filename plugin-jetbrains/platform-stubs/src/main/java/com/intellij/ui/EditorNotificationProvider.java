package com.intellij.ui;

public interface EditorNotificationProvider {
    java.util.function.Function<? super com.intellij.openapi.fileEditor.FileEditor, ? extends javax.swing.JComponent> collectNotificationData(com.intellij.openapi.project.Project project, com.intellij.openapi.vfs.VirtualFile file);
}
