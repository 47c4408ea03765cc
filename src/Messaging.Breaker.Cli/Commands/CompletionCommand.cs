using System.CommandLine;
using Messaging.Breaker.Cli.CommandLine;

namespace Messaging.Breaker.Cli.Commands;

static class CompletionCommand
{
    static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _breakers() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(breakers "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _breakers breakers
            """,
        ["zsh"] = """
            _breakers() {
              local -a found
              found=("${(@f)$(breakers "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
              compadd -a found
            }
            compdef _breakers breakers
            """,
        ["fish"] = """
            complete -f -c breakers -a '(breakers "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName breakers -ScriptBlock {
              param($word, $ast, $position)
              breakers "[suggest:$position]" "$ast" 2>$null | Where-Object { $_ -like "$word*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Build(Binding binding)
    {
        var shell = new Argument<string>("SHELL") { Description = $"One of {string.Join(", ", Scripts.Keys)}" };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that makes a shell complete commands, options and names: eval \"$(breakers completion bash)\"") { shell };
        binding.To(command, (call, _) =>
        {
            call.Printer.PrintLine(Scripts[call.Get(shell)!]);
            return Task.CompletedTask;
        });
        return command;
    }
}
