package dev.drawbridge.ide

import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.DialogWrapper
import com.intellij.openapi.ui.ValidationInfo
import dev.drawbridge.ui.Form
import javax.swing.JComponent

/** A form in a dialog of the IDE, which shows faults at the field and keeps OK off meanwhile. */
internal class FormDialog<F : Form>(project: Project, title: String, private val form: F) : DialogWrapper(project) {
    init {
        setTitle(title)
        init()
    }

    /** What [of] the form is asked for; null when it was cancelled. */
    fun <T> ask(of: F.() -> T?): T? = if (showAndGet()) form.of() else null

    override fun createCenterPanel(): JComponent = form

    override fun getPreferredFocusedComponent(): JComponent = form.preferred

    override fun doValidate(): ValidationInfo? = form.fault()?.let { ValidationInfo(it, form.preferred) }
}
