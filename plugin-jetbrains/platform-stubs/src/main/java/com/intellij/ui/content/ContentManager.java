package com.intellij.ui.content;

public interface ContentManager extends com.intellij.openapi.Disposable {
    void addContent(Content content);

    Content getContent(int index);

    void setSelectedContent(Content content);
}
