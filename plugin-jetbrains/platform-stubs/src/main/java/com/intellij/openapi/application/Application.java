package com.intellij.openapi.application;

public interface Application extends com.intellij.openapi.components.ComponentManager {
    void invokeLater(Runnable work);
}
