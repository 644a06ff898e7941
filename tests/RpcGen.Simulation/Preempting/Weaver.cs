using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using BindingFlags = System.Reflection.BindingFlags;

namespace RpcGen.Simulation.Preempting;

/// <summary>
/// Rewrites the runtime, so that threads can be preempted where they synchronize: before Interlocked, Volatile and volatile fields,
/// and at locks. A lock that is taken must not block its thread, which has the baton, so locks are replaced.
/// </summary>
internal sealed class Weaver
{
    private readonly MethodReference _point;
    private readonly MethodReference _hold;
    private readonly MethodReference _release;
    private readonly Dictionary<string, MethodReference> _replaced;

    private Weaver(ModuleDefinition module)
    {
        MethodReference Import(string name, params Type[] parameters) =>
            module.ImportReference(typeof(Preemption).GetMethod(name, BindingFlags.Public | BindingFlags.Static, parameters) ?? throw new MissingMethodException(nameof(Preemption), name));
        _point = Import(nameof(Preemption.Point));
        _hold = Import(nameof(Preemption.Hold));
        _release = Import(nameof(Preemption.Release));
        _replaced = new()
        {
            ["System.Threading.Lock::EnterScope"] = Import(nameof(Preemption.EnterScope), typeof(Lock)),
            ["System.Threading.Lock/Scope::Dispose"] = Import(nameof(Preemption.Exit), typeof(Lock.Scope).MakeByRefType()),
            ["System.Threading.Monitor::Enter"] = Import(nameof(Preemption.Enter), typeof(object), typeof(bool).MakeByRefType()),
            ["System.Threading.Monitor::Exit"] = Import(nameof(Preemption.Exit), typeof(object)),
        };
    }

    /// <summary>Rewrites a module.</summary>
    public static void Weave(ModuleDefinition module)
    {
        var weaver = new Weaver(module);
        foreach (MethodDefinition method in module.GetAllTypes().SelectMany(static type => type.Methods).Where(static method => method.HasBody))
        {
            method.Body.SimplifyMacros();
            if (method is { IsConstructor: true, IsStatic: true })
            {
                weaver.HoldThrough(method.Body); // other threads wait for a static constructor
            }
            else
            {
                weaver.Weave(method.Body);
            }

            method.Body.OptimizeMacros();
        }
    }

    /// <summary>Operations of the framework during which it can wait for another thread.</summary>
    private static bool WaitsForThreads(string name) =>
        name.StartsWith("System.Lazy`1<", StringComparison.Ordinal) ||
        name is "System.Threading.CancellationTokenSource::Cancel" or "System.Threading.CancellationTokenRegistration::Dispose";

    private static bool IsSynchronizing(string name) =>
        name.StartsWith("System.Threading.Interlocked::", StringComparison.Ordinal) || name.StartsWith("System.Threading.Volatile::", StringComparison.Ordinal);

    private static bool IsForgotten(string name) => name is
        "System.Threading.Lock::Enter" or "System.Threading.Lock::TryEnter" or "System.Threading.Lock::Exit" or "System.Threading.Monitor::TryEnter" or
        "System.Threading.Monitor::Wait" or "System.Threading.SemaphoreSlim::Wait" or "System.Threading.Thread::Sleep" or "System.Threading.Thread::Yield" ||
        name.StartsWith("System.Threading.SpinWait::", StringComparison.Ordinal) || name.StartsWith("System.Threading.SpinLock::", StringComparison.Ordinal);

    private void Weave(MethodBody body)
    {
        foreach (Instruction instruction in body.Instructions.ToArray())
        {
            if (instruction.OpCode.Code == Code.Volatile)
            {
                Prepend(body, instruction, _point);
            }
            else if (instruction.Operand is MethodReference called && instruction.OpCode.Code is Code.Call or Code.Callvirt)
            {
                WeaveCall(body, instruction, $"{called.DeclaringType.FullName}::{called.Name}");
            }
        }
    }

    private void WeaveCall(MethodBody body, Instruction call, string name)
    {
        if (_replaced.TryGetValue(name, out MethodReference? replacement))
        {
            call.OpCode = OpCodes.Call;
            call.Operand = replacement;
        }
        else if (IsSynchronizing(name))
        {
            Prepend(body, call, _point);
        }
        else if (WaitsForThreads(name))
        {
            Instruction moved = Prepend(body, call, _hold);
            body.GetILProcessor().InsertAfter(moved, Instruction.Create(OpCodes.Call, _release));
        }
        else if (IsForgotten(name))
        {
            throw new NotSupportedException($"{body.Method.FullName} uses {name}, which Weaver does not know: it could block the thread that has the baton.");
        }
    }

    private void HoldThrough(MethodBody body)
    {
        Prepend(body, body.Instructions[0], _hold);
        foreach (Instruction end in body.Instructions.Where(static instruction => instruction.OpCode.Code == Code.Ret).ToArray())
        {
            Prepend(body, end, _release);
        }
    }

    /// <summary>Inserts a call before an instruction, also for those who branch to it. Returns the instruction in its new place.</summary>
    private static Instruction Prepend(MethodBody body, Instruction instruction, MethodReference method)
    {
        Instruction moved = Instruction.Create(OpCodes.Nop);
        moved.OpCode = instruction.OpCode;
        moved.Operand = instruction.Operand;
        instruction.OpCode = OpCodes.Call;
        instruction.Operand = method;
        body.GetILProcessor().InsertAfter(instruction, moved);
        return moved;
    }
}
