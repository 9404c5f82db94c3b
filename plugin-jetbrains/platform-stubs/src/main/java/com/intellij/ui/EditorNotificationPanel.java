package com.intellij.ui;

import dev.drawbridge.stubs.Stub;

public class EditorNotificationPanel extends javax.swing.JPanel {
    public EditorNotificationPanel() {}

    public EditorNotificationPanel text(String text) { throw Stub.only(); }

    public HyperlinkLabel createActionLabel(String text, Runnable run) { throw Stub.only(); }
}
