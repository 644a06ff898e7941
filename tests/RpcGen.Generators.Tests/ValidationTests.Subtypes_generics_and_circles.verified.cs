        public override void Validate(in Arguments arguments, global::RpcGen.Generated.RpcValidation validation)
        {
            if (validation.CanCheck("shape"))
            {
                if (arguments.Shape is null)
                {
                    validation.FailNull("shape");
                }
                else if (validation.Enter("shape"))
                {
                    __Validation.CheckShape(arguments.Shape, validation);
                    validation.Leave();
                }
            }
        }

        public override void Validate(in Arguments arguments, global::RpcGen.Generated.RpcValidation validation)
        {
            if (validation.CanCheck("strict"))
            {
                if (arguments.Strict is null)
                {
                    validation.FailNull("strict");
                }
                else if (validation.Enter("strict"))
                {
                    __Validation.CheckNode(arguments.Strict, validation);
                    validation.Leave();
                }
            }

            if (validation.CanCheck("loose"))
            {
                if (arguments.Loose is null)
                {
                    validation.FailNull("loose");
                }
            }

            if (validation.CanCheck("number"))
            {
                if (arguments.Number is null)
                {
                    validation.FailNull("number");
                }
            }
        }

        public override void Validate(in Arguments arguments, global::RpcGen.Generated.RpcValidation validation)
        {
            if (validation.CanCheck("pair"))
            {
                if (validation.Enter("pair"))
                {
                    __Validation.CheckPair(arguments.Pair, validation);
                    validation.Leave();
                }
            }

            if (validation.CanCheck("maybe"))
            {
                if (arguments.Maybe is not null && validation.Enter("maybe"))
                {
                    __Validation.CheckPair(arguments.Maybe.Value, validation);
                    validation.Leave();
                }
            }

            if (validation.CanCheck("many"))
            {
                if (arguments.Many is null)
                {
                    validation.FailNull("many");
                }
                else if (validation.Enter("many"))
                {
                    __Validation.CheckList(arguments.Many, validation);
                    validation.Leave();
                }
            }
        }

    private static class __Validation
    {
        public static void CheckShape(global::Shape value, global::RpcGen.Generated.RpcValidation validation)
        {
            switch (value)
            {
                case global::Cube derived:
                    CheckCube(derived, validation);
                    return;
                case global::Circle derived:
                    CheckCircle(derived, validation);
                    return;
                case global::Square derived:
                    CheckSquare(derived, validation);
                    return;
            }

            if (value.Colour is not (>= 0 and <= 5))
            {
                validation.Fail("colour", "The field colour must be between 0 and 5.");
            }
        }

        public static void CheckCube(global::Cube value, global::RpcGen.Generated.RpcValidation validation)
        {
            if (value.Name is null)
            {
                validation.FailNull("name");
            }

            if (value.Colour is not (>= 0 and <= 5))
            {
                validation.Fail("colour", "The field colour must be between 0 and 5.");
            }
        }

        public static void CheckSquare(global::Square value, global::RpcGen.Generated.RpcValidation validation)
        {
            if (value.Colour is not (>= 0 and <= 5))
            {
                validation.Fail("colour", "The field colour must be between 0 and 5.");
            }
        }

        public static void CheckCircle(global::Circle value, global::RpcGen.Generated.RpcValidation validation)
        {
            if (value.Radius is not (>= 1D and <= 2D))
            {
                validation.Fail("radius", "The field radius must be between 1 and 2.");
            }

            if (value.Colour is not (>= 0 and <= 5))
            {
                validation.Fail("colour", "The field colour must be between 0 and 5.");
            }
        }

        public static void CheckNode(global::Node<string> value, global::RpcGen.Generated.RpcValidation validation)
        {
            if (value.Value is null)
            {
                validation.FailNull("value");
            }

            if (value.Next is not null && validation.Enter("next"))
            {
                CheckNode(value.Next, validation);
                validation.Leave();
            }
        }

        public static void CheckPair(global::Pair value, global::RpcGen.Generated.RpcValidation validation)
        {
            if (value.A is null)
            {
                validation.FailNull("a");
            }
        }

        public static void CheckList(global::System.Collections.Generic.List<global::Pair?> values, global::RpcGen.Generated.RpcValidation validation)
        {
            int index = 0;
            foreach (var value in values)
            {
                if (value is not null && validation.Enter(index))
                {
                    CheckPair(value.Value, validation);
                    validation.Leave();
                }

                index++;
            }
        }
    }
}

