package com.intellij.diff.chains;

public class SimpleDiffRequestChain implements DiffRequestSelectionChain {
    public SimpleDiffRequestChain(java.util.List<? extends com.intellij.diff.requests.DiffRequest> requests) {}
}
