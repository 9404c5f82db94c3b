package com.intellij.ui;

public class HyperlinkLabel extends javax.swing.JComponent {}
