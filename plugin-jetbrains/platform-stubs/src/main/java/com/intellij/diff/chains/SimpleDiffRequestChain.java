package com.intellij.diff.chains;

public class SimpleDiffRequestChain extends DiffRequestChainBase {
    public SimpleDiffRequestChain(java.util.List<? extends com.intellij.diff.requests.DiffRequest> requests) {}
}
