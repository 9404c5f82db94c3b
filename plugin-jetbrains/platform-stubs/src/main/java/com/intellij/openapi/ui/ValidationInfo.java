package com.intellij.openapi.ui;

public final class ValidationInfo {
    public ValidationInfo(String message, javax.swing.JComponent where) {}
}
