using System.CommandLine;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen completion</c>: a script that has a shell complete the tool's command lines.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _rpcgen() {
            local line="${COMP_LINE#* }"
            local point=$(( COMP_POINT - ${#COMP_LINE} + ${#line} ))
            local IFS=$'\n'
            COMPREPLY=( $(rpcgen "[suggest:${point}]" "${line}" 2>/dev/null) )
        }
        complete -o default -F _rpcgen rpcgen
        """;

    private const string Zsh = """
        _rpcgen() {
            local line="${BUFFER#* }"
            local point=$(( CURSOR - ${#BUFFER} + ${#line} ))
            local -a found
            found=("${(@f)$(rpcgen "[suggest:${point}]" "${line}" 2>/dev/null)}")
            compadd -- "${found[@]}"
        }
        compdef _rpcgen rpcgen
        """;

    private const string Fish = """
        function __rpcgen
            set -l line (string replace -r '^\S+\s*' '' -- (commandline -cp))
            rpcgen "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -f -c rpcgen -a '(__rpcgen)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName rpcgen -ScriptBlock {
            param($word, $ast, $cursor)
            $text = $ast.ToString()
            $line = $text -replace '^\S+\s*', ''
            $point = [Math]::Max(0, $cursor - $text.Length + $line.Length)
            rpcgen "[suggest:$point]" "$line" 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    public static Command Create(ToolConsole console)
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", "Write the script that completes command lines in a shell.") { shell };
        Tool.Run(command, console, (line, _) =>
        {
            console.Out.WriteLine(line.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                "fish" => Fish,
                _ => PowerShell,
            });
            return Task.CompletedTask;
        });
        return command;
    }
}
