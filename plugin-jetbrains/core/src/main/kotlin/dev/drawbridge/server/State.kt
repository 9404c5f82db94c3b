package dev.drawbridge.server

import java.nio.file.Path

/** What is known of the server. Each state has a title, a text and a way on in the bundle, see [StateText]. */
public sealed interface State {
    /** Not asked for yet, or closed. */
    public object Stopped : State

    public object Starting : State

    /** [version] is the program's own. */
    public data class Ready(val version: String) : State

    public data class Missing(val looked: List<String>) : State

    public data class NotExecutable(val path: Path) : State

    /** The project is in a container. */
    public object Elsewhere : State

    public data class InsideProject(val path: Path) : State

    /** It could not be started; [why] is the system's sentence. */
    public data class NotStarted(val path: Path, val why: String) : State

    /** It is another program or speaks another protocol; [found] is its name and version. */
    public data class Incompatible(val path: Path, val found: String) : State

    /** It ended by itself and will be started again. */
    public data class Restarting(val attempt: Int) : State

    /** It ended too often; [said] is the end of what it wrote to standard error. */
    public data class Crashed(val said: String) : State

    /** It did not answer in time and was ended. */
    public object Hung : State
}
