using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using RpcGen.Simulation.Preempting;

namespace RpcGen.Simulation.Bugs;

/// <summary>Ways to change the compiled runtime.</summary>
internal static class RuntimePatches
{
    /// <summary>Lets methods of a name, which return nothing, do nothing.</summary>
    public static void Empty(this ModuleDefinition module, string type, string method)
    {
        foreach (MethodDefinition found in module.Find(type, method))
        {
            found.Body = new MethodBody(found);
            found.Body.GetILProcessor().Emit(OpCodes.Ret);
        }
    }

    /// <summary>Lets methods of a name, which return a Boolean, return always the same.</summary>
    public static void Return(this ModuleDefinition module, string type, string method, bool value)
    {
        foreach (MethodDefinition found in module.Find(type, method))
        {
            found.Body = new MethodBody(found);
            ILProcessor code = found.Body.GetILProcessor();
            code.Emit(value ? OpCodes.Ldc_I4_1 : OpCodes.Ldc_I4_0);
            code.Emit(OpCodes.Ret);
        }
    }

    /// <summary>Leaves out the calls that a method makes to methods of a name; where they give a value, it is the default one.</summary>
    public static void Omit(this ModuleDefinition module, string type, string method, string callee)
    {
        int omitted = 0;
        foreach (MethodDefinition found in module.FindBodies(type, method))
        {
            found.Body.SimplifyMacros();
            foreach (Instruction call in found.Body.Instructions.Where(instruction => instruction.Operand is MethodReference called && called.Name == callee).ToArray())
            {
                Omit(found.Body, call, (MethodReference)call.Operand);
                omitted++;
            }

            found.Body.OptimizeMacros();
        }

        if (omitted == 0)
        {
            throw new InvalidOperationException($"{type}.{method} does not call {callee}: the planted bug has to follow the code.");
        }
    }

    /// <summary>Makes a method take the object's present generation for the one that it is given.</summary>
    public static void UseCurrentGeneration(this ModuleDefinition module, string type, string method)
    {
        foreach (MethodDefinition found in module.Find(type, method).Where(static found => found.Parameters.Any(static parameter => parameter.IsOut)))
        {
            FieldDefinition state = found.DeclaringType.Fields.Single(static field => field.Name == "_state");
            ILProcessor code = found.Body.GetILProcessor();
            Instruction first = found.Body.Instructions[0];
            code.InsertBefore(first, code.Create(OpCodes.Ldarg_0));
            code.InsertBefore(first, code.Create(OpCodes.Ldfld, state));
            code.InsertBefore(first, code.Create(OpCodes.Ldc_I4_3));
            code.InsertBefore(first, code.Create(OpCodes.Shr));
            code.InsertBefore(first, code.Create(OpCodes.Starg, found.Parameters[0]));
        }
    }

    /// <summary>Makes the compare and exchange operations of a method two steps each: another thread can come in between.</summary>
    public static void Tear(this ModuleDefinition module, string type, string method)
    {
        MethodReference torn = module.ImportReference(typeof(Preemption).GetMethod(nameof(Preemption.TornCompareExchange)));
        Instruction[] found = [.. module.Find(type, method).SelectMany(static found => found.Body.Instructions).Where(static instruction => instruction.Operand is MethodReference { Name: nameof(Interlocked.CompareExchange) })];
        foreach (Instruction exchange in found)
        {
            exchange.Operand = torn;
        }

        if (found.Length == 0)
        {
            throw new InvalidOperationException($"{type}.{method} has no compare and exchange: the planted bug has to follow the code.");
        }
    }

    /// <summary>Takes the locks out of a type, and lets other threads run before each access to its fields.</summary>
    public static void Unlock(this ModuleDefinition module, string type)
    {
        MethodReference point = module.ImportReference(typeof(Preemption).GetMethod(nameof(Preemption.Point)));
        foreach (string method in module.GetAllTypes().Where(candidate => candidate.Name == type).SelectMany(static found => found.Methods).Where(static method => Locks(method).Any()).Select(static method => method.Name).Distinct().ToArray())
        {
            module.Omit(type, method, nameof(Lock.EnterScope));
            foreach (MethodDefinition found in module.Find(type, method))
            {
                ILProcessor code = found.Body.GetILProcessor();
                foreach (Instruction access in found.Body.Instructions.Where(static instruction => instruction.OpCode.Code is Code.Ldfld or Code.Stfld).ToArray())
                {
                    code.InsertBefore(access, code.Create(OpCodes.Call, point));
                }
            }
        }
    }

    private static IEnumerable<Instruction> Locks(MethodDefinition method) => method.HasBody
        ? method.Body.Instructions.Where(static instruction => instruction.Operand is MethodReference { Name: nameof(Lock.EnterScope) })
        : [];

    private static void Omit(MethodBody body, Instruction call, MethodReference callee)
    {
        ILProcessor code = body.GetILProcessor();
        int popped = callee.Parameters.Count + (callee.HasThis ? 1 : 0);
        for (int count = 0; count < popped; count++)
        {
            code.InsertBefore(call, code.Create(OpCodes.Pop));
        }

        if (callee.ReturnType.FullName == "System.Void")
        {
            call.OpCode = OpCodes.Nop;
            call.Operand = null;
        }
        else if (callee.ReturnType.IsValueType && !callee.ReturnType.IsPrimitive)
        {
            var value = new VariableDefinition(callee.ReturnType);
            body.Variables.Add(value);
            body.InitLocals = true;
            call.OpCode = OpCodes.Ldloc;
            call.Operand = value;
        }
        else
        {
            call.OpCode = callee.ReturnType.IsValueType ? OpCodes.Ldc_I4_0 : OpCodes.Ldnull;
            call.Operand = null;
        }
    }

    private static MethodDefinition[] Find(this ModuleDefinition module, string type, string method)
    {
        MethodDefinition[] found = [.. module.GetAllTypes().Where(candidate => candidate.Name == type).SelectMany(static declaring => declaring.Methods).Where(candidate => candidate.Name == method && candidate.HasBody)];
        return found.Length > 0 ? found : throw new InvalidOperationException($"There is no {type}.{method}: the planted bug has to follow the code.");
    }

    /// <summary>The methods, or what the compiler has made of them where they are asynchronous.</summary>
    private static IEnumerable<MethodDefinition> FindBodies(this ModuleDefinition module, string type, string method) => module.Find(type, method).Select(static found =>
        found.CustomAttributes.FirstOrDefault(static attribute => attribute.AttributeType.Name == "AsyncStateMachineAttribute") is { } asynchronous
            ? ((TypeReference)asynchronous.ConstructorArguments[0].Value).Resolve().Methods.Single(static candidate => candidate.Name == "MoveNext")
            : found);
}
