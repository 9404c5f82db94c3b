package com.intellij.openapi.editor;

public interface Document {
    String getText();

    long getModificationStamp();

    void replaceString(int start, int end, CharSequence text);
}
