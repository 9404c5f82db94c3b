package dev.drawbridge.ide

import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.DialogWrapper
import com.intellij.openapi.ui.ValidationInfo
import dev.drawbridge.Text
import dev.drawbridge.ui.AllowHost
import dev.drawbridge.ui.AllowHostForm
import javax.swing.JComponent

/** The form in a dialog of the IDE, which shows faults at the field and keeps OK off meanwhile. */
internal class AllowHostDialog(project: Project, rule: String, known: List<String>) : DialogWrapper(project) {
    private val form = AllowHostForm(rule, known)

    init {
        setTitle(Text.of("allow.title"))
        init()
    }

    fun request(): AllowHost? = form.request()

    override fun createCenterPanel(): JComponent = form

    override fun getPreferredFocusedComponent(): JComponent = form.preferred

    override fun doValidate(): ValidationInfo? = form.fault()?.let { ValidationInfo(it, form.preferred) }
}
