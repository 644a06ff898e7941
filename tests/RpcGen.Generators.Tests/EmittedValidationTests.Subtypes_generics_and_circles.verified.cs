            protected override void Validate(global::Shape shape, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.EnterNotNull("shape", shape))
                {
                    Validation.CheckShape(shape, validation);
                    validation.Leave();
                }
            }

            protected override void Validate(global::Node<string> strict, global::Node<string?> loose, global::Node<int> number, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.EnterNotNull("strict", strict))
                {
                    Validation.CheckNode(strict, validation);
                    validation.Leave();
                }

                validation.NotNull("loose", loose);
                validation.NotNull("number", number);
            }

            protected override void Validate(global::Pair pair, global::Pair? maybe, global::System.Collections.Generic.List<global::Pair?> many, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.CanCheck("pair"))
                {
                    if (validation.Enter("pair"))
                    {
                        Validation.CheckPair(pair, validation);
                        validation.Leave();
                    }
                }

                if (validation.CanCheck("maybe"))
                {
                    if (maybe is not null && validation.Enter("maybe"))
                    {
                        Validation.CheckPair(maybe.Value, validation);
                        validation.Leave();
                    }
                }

                if (validation.EnterNotNull("many", many))
                {
                    Validation.CheckList(many, validation);
                    validation.Leave();
                }
            }

        public static class Validation
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
                validation.NotNull("name", value.Name);

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
                validation.NotNull("value", value.Value);

                if (value.Next is not null && validation.Enter("next"))
                {
                    CheckNode(value.Next, validation);
                    validation.Leave();
                }
            }

            public static void CheckPair(global::Pair value, global::RpcGen.Generated.RpcValidation validation)
            {
                validation.NotNull("a", value.A);
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
}

